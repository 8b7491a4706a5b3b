/**
 * The pictures: one, or two with a divider between them. Zoom and pan by wheel, mouse, touch, pinch and keys are d3-zoom's;
 * the divider is a slider for the keyboard and for screen readers.
 */
import { useSignal } from '@preact/signals';
import { select } from 'd3-selection';
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Picture } from '../state/pictures.ts';
import type { Part } from '../worker/enlarge.ts';
import { Icon } from './icon.tsx';

/** A picture with the words under it. */
export interface Layer {
  readonly picture: Picture | PartialPicture | undefined;
  readonly label: string;
}

/** A picture that comes part by part; later ones lie over earlier ones. */
export interface PartialPicture {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly Part[];
}

/** A place in the picture, in pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

interface StageProps {
  readonly left: Layer;
  /** Without it there is no divider. */
  readonly right?: Layer | undefined;
  /** Drawn over both, moderately transparent. */
  readonly over?: Layer | undefined;
  /** Told where the pointer is, or undefined when it leaves. */
  readonly onSpot?: ((spot: Spot | undefined) => void) | undefined;
  /** A square to be marked, in pixels of the picture. */
  readonly mark?: (Spot & { readonly side: number }) | undefined;
}

/** Room around a picture that just fits, in pixels. */
const margin = 16;

interface CanvasProps {
  readonly picture: Picture | PartialPicture;
  readonly clip: string;
  readonly label: string;
  readonly blend?: boolean;
}

function Canvas({ picture, clip, label, blend }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(new Set<object>());
  useLayoutEffect(() => {
    const { width, height } = picture;
    const parts = 'parts' in picture ? picture.parts : [{ left: 0, top: 0, ...picture }];
    if (!parts.some((part) => drawn.current.has(part))) {
      // this clears it, too
      Object.assign(canvas.current!, { width, height });
      drawn.current.clear();
    }
    for (const part of parts) {
      // a bitmap that was replaced meanwhile is closed; the next one is on its way
      if (drawn.current.has(part) || part.bitmap.width === 0) continue;
      canvas.current!.getContext('2d')!.drawImage(part.bitmap, part.left, part.top, part.width, part.height);
      drawn.current.add(part);
    }
  }, [picture]);
  return <canvas ref={canvas} class={blend ? 'over' : ''} role="img" aria-label={label} style={{ clipPath: clip }} />;
}

/** The pictures, as large as there is room. */
export function Stage({ left, right, over, onSpot, mark }: StageProps) {
  const view = useRef<HTMLDivElement>(null);
  const at = useSignal<ZoomTransform>(zoomIdentity);
  const size = useSignal({ width: 1, height: 1 });
  const share = useSignal(0.5);
  const fitted = useRef(true);
  const behaviour = useRef(zoom<HTMLDivElement, unknown>());
  // in pixels of the larger one
  const [width, height] = (['width', 'height'] as const).map((side) =>
    Math.max(left.picture?.[side] ?? 1, right?.picture?.[side] ?? 1),
  ) as [number, number];

  const fit = (): void => {
    const { clientWidth, clientHeight } = view.current!;
    const k = Math.min((clientWidth - 2 * margin) / width, (clientHeight - 2 * margin) / height);
    const [x, y] = [(clientWidth - k * width) / 2, (clientHeight - k * height) / 2];
    behaviour.current.scaleExtent([k / 2, Math.max(16, 4 * k)]).translateExtent([
      [-x / k, -y / k],
      [width + x / k, height + y / k],
    ]);
    fitted.current = true;
    select(view.current!).call(behaviour.current.transform, zoomIdentity.translate(x, y).scale(k));
    fitted.current = true;
  };

  useLayoutEffect(() => {
    const node = view.current!;
    behaviour.current
      // one finger on a picture that fits scrolls the page
      .filter((event: Event) => {
        if (event.target instanceof Element && event.target.closest('.divider, button')) return false;
        const touches = (event as TouchEvent).touches?.length ?? 2;
        return touches > 1 || !fitted.current;
      })
      .on('zoom', ({ transform, sourceEvent }) => {
        if (sourceEvent) fitted.current = false;
        at.value = transform;
        node.classList.toggle('zoomed', !fitted.current);
      });
    select(node).call(behaviour.current).on('dblclick.zoom', null);
  }, []);

  useEffect(() => {
    const node = view.current!;
    const watch = new ResizeObserver(() => {
      // it may still be told of a stage that is gone
      if (view.current === null) return;
      size.value = { width: node.clientWidth, height: node.clientHeight };
      if (fitted.current) fit();
    });
    watch.observe(node);
    fit();
    return () => watch.disconnect();
  }, [width, height]);

  const { x, y, k } = at.value;
  const split = share.value * size.value.width;
  const cut = Math.min(width, Math.max(0, (split - x) / k));
  const zoomBy = (factor: number): void => {
    fitted.current = false;
    select(view.current!).call(behaviour.current.scaleBy, factor);
    view.current!.classList.add('zoomed');
  };
  const panBy = (dx: number, dy: number): void => {
    select(view.current!).call(behaviour.current.translateBy, dx / k, dy / k);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const step = 40;
    const keys: Record<string, () => void> = {
      '+': () => zoomBy(1.25),
      '=': () => zoomBy(1.25),
      '-': () => zoomBy(0.8),
      '0': fit,
      ArrowLeft: () => panBy(step, 0),
      ArrowRight: () => panBy(-step, 0),
      ArrowUp: () => panBy(0, step),
      ArrowDown: () => panBy(0, -step),
    };
    if (keys[event.key] === undefined) return;
    keys[event.key]!();
    event.preventDefault();
  };
  const spot = (event: PointerEvent): void => {
    const box = view.current!.getBoundingClientRect();
    const found = { x: (event.clientX - box.left - x) / k, y: (event.clientY - box.top - y) / k };
    const isInside = found.x >= 0 && found.y >= 0 && found.x < width && found.y < height;
    onSpot?.(isInside ? found : undefined);
  };

  return (
    <div
      ref={view}
      class="view"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom and move the picture, as the label says
      tabIndex={0}
      role="application"
      aria-label="Picture. Plus and minus zoom, arrow keys move, zero fits."
      onKeyDown={onKey}
      onPointerMove={onSpot && spot}
      onPointerLeave={() => onSpot?.(undefined)}
    >
      <div
        class={`sheet ${k >= 3 ? 'pixels' : ''}`}
        style={{ width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px) scale(${k})` }}
      >
        {left.picture && (
          <Canvas
            picture={left.picture}
            label={left.label}
            clip={right?.picture ? `inset(0 ${width - cut}px 0 0)` : 'none'}
          />
        )}
        {right?.picture && (
          <Canvas picture={right.picture} label={right.label} clip={left.picture ? `inset(0 0 0 ${cut}px)` : 'none'} />
        )}
        {mark && (
          <span
            class="mark"
            style={{ left: `${mark.x}px`, top: `${mark.y}px`, width: `${mark.side}px`, height: `${mark.side}px` }}
          />
        )}
        {over?.picture && <Canvas picture={over.picture} label={over.label} clip="none" blend />}
      </div>
      {left.picture && right?.picture && <Divider share={share.value} onShare={(value) => (share.value = value)} />}
      {left.picture && <span class="tag left">{left.label}</span>}
      {right?.picture && <span class="tag right">{right.label}</span>}
      <div class="zoomer">
        <button type="button" onClick={() => zoomBy(0.67)} aria-label="Zoom out" title="Zoom out">
          <Icon name="less" />
        </button>
        <button type="button" class="scale" onClick={fit} title="Fit">
          {Math.round(100 * k)} %
        </button>
        <button type="button" onClick={() => zoomBy(1.5)} aria-label="Zoom in" title="Zoom in">
          <Icon name="more" />
        </button>
      </div>
    </div>
  );
}

function Divider({ share, onShare }: { readonly share: number; readonly onShare: (share: number) => void }) {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const drag = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { left, width } = handle.parentElement!.getBoundingClientRect();
    onShare(clamp((event.clientX - left) / width));
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: share - 0.02, ArrowRight: share + 0.02, Home: 0, End: 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    onShare(clamp(next));
    event.preventDefault();
  };
  return (
    <div
      class="divider"
      style={{ left: `${100 * share}%` }}
      role="slider"
      tabIndex={0}
      aria-label="Divider between the two pictures"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share)}
      aria-orientation="horizontal"
      onKeyDown={onKey}
      onPointerDown={(event) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    >
      <Icon name="split" />
    </div>
  );
}
