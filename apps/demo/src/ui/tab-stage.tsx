/** The stage with the pictures of the part that is in front. */
import { bytesText } from '../format.ts';
import { isLostShown } from '../state/damage.ts';
import { drawing } from '../state/draw.ts';
import { enlarged, sourceName } from '../state/enlarge.ts';
import { inside, layer, pointed } from '../state/inside.ts';
import { file, opened } from '../state/photo.ts';
import { pictures } from '../state/pictures.ts';
import { beside, pictureBeside } from '../state/rivals.ts';
import { type TabName, tab } from '../state/tabs.ts';
import { type Spot, Stage } from './stage.tsx';

function Compressed() {
  const { original, restored } = pictures.value;
  const right = { picture: restored, label: file.value ? `vqkit, ${bytesText(file.value.bytes.length)}` : 'vqkit' };
  if (!opened.value?.isPhoto) return <Stage left={right} />;
  const rival = pictureBeside();
  const left = rival
    ? { picture: rival, label: `${beside.value!.toUpperCase()}, at most as large` }
    : { picture: original, label: 'Original' };
  return <Stage left={left} right={right} />;
}

/** The position at a spot of the picture. */
function point(spot: Spot | undefined): void {
  const grid = inside.value?.grid;
  if (grid === undefined || spot === undefined) return;
  const [column, row] = [(spot.x + grid.left) / grid.scale, (spot.y + grid.top) / grid.scale];
  pointed.value = Math.floor(row) * grid.width + Math.floor(column);
}

const layers = { codes: 'Codes', bits: 'Bits' } as const;

function Inside() {
  const { restored, [layer.value]: picture } = pictures.value;
  const grid = inside.value?.grid;
  const at = pointed.value;
  const cell = grid && at !== undefined && { ...grid, x: at % grid.width, y: Math.floor(at / grid.width) };
  return (
    <Stage
      left={{ picture: restored, label: 'Restored' }}
      right={{ picture, label: layers[layer.value] }}
      onSpot={point}
      mark={
        cell ? { x: cell.x * cell.scale - cell.left, y: cell.y * cell.scale - cell.top, side: cell.scale } : undefined
      }
    />
  );
}

function Damaged() {
  const { restored, damaged, lost } = pictures.value;
  return (
    <Stage
      left={{ picture: restored, label: 'All arrived' }}
      right={{ picture: damaged, label: 'After the losses' }}
      over={isLostShown.value ? { picture: lost, label: 'Lost positions' } : undefined}
    />
  );
}

function Learned() {
  const { original, learned } = pictures.value;
  return (
    <Stage left={{ picture: original, label: 'Original' }} right={{ picture: learned, label: 'Quantized patches' }} />
  );
}

const sources = { original: 'The photo', restored: 'What was restored' } as const;

function Enlarged() {
  const made = enlarged.value;
  const of = made?.of ?? sourceName();
  const left = { picture: pictures.value[of], label: `${sources[of]}${made ? ', stretched' : ''}` };
  return <Stage left={left} right={made && { picture: made, label: 'Enlarged' }} />;
}

function Drawn() {
  const { count = 0, seed } = drawing.value ?? {};
  if (drawing.value === undefined) return <p class="nothing">Nothing is drawn yet.</p>;
  const label = `${count === 1 ? 'One new image' : `${count} new images`}, seed ${seed}`;
  return <Stage left={{ picture: pictures.value.drawn, label }} />;
}

const stages = {
  compress: Compressed,
  inside: Inside,
  damage: Damaged,
  enlarge: Enlarged,
  quantize: Learned,
  draw: Drawn,
} as const satisfies Record<TabName, unknown>;

/** Pictures and words, by what is in front. */
export function TabStage() {
  const Shown = stages[tab.value];
  return <Shown />;
}
