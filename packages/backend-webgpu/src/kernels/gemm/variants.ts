/** Which tile to use: names, the order in which tuning tries them, and the choice without tuning. */
import type { DeviceTraits } from '../../device/traits.ts';
import type { KernelContext } from '../../plan.ts';
import { type RegisterTile, registerTileFor, registerVariants } from './register-tile.ts';
import { type TileSizes, tileBytes, tileThreads, tileVariants } from './tile.ts';

/** A chosen kernel: by tiles in workgroup memory, or by registers alone. */
export type ProductVariant =
  | { readonly kind: 'tile'; readonly tile: TileSizes }
  | { readonly kind: 'register'; readonly tile: RegisterTile };

/** The size of a product, whatever it computes. */
export interface ProductExtent {
  readonly batch: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
}

const bucket = (n: number): number => Math.round(Math.log2(Math.max(1, n)));

/** Work of similar size, which shares one tuning result. */
function classOf(kind: string, { batch, rows, depth, columns }: ProductExtent): string {
  return `${kind} 2^${bucket(batch * rows)} x 2^${bucket(depth)} x 2^${bucket(columns)}`;
}

/** Tiles that a device can run. */
function tilesOn({ maxInvocations, maxWorkgroupBytes }: DeviceTraits): string[] {
  return Object.entries(tileVariants)
    .filter(([, tile]) => tileThreads(tile) <= maxInvocations && tileBytes(tile) <= maxWorkgroupBytes)
    .map(([name]) => name);
}

/** The tile that leaves no part of a GPU idle, as far as sizes tell. */
function usualTile({ batch, rows, columns }: ProductExtent): string {
  const cells = batch * rows * columns;
  if (cells >= 2 ** 21 && columns >= 128) return 'tile128x128';
  if (cells >= 2 ** 19) return 'tile128x64';
  return cells >= 2 ** 17 ? 'tile64x64' : 'tile32x64';
}

/**
 * Chooses a variant for a product.
 *
 * @param kind  Names the kernel in tuning results.
 * @param isAligned  Whether both operands can be read as vec4s; the tiles are at their best then.
 */
export function chooseVariant(
  kind: string,
  extent: ProductExtent,
  { traits, variantOf }: KernelContext,
  isAligned: boolean,
): ProductVariant {
  const { depth, columns, rows } = extent;
  const tiles = tilesOn(traits);
  const registers = Object.keys(registerVariants);
  // Tiles of 64 columns are mostly empty for images of 3 channels, and small products need no tiles.
  const isSmall = columns < 16 || rows < 8;
  const usualRegister = registerTileFor(depth, columns) === registerVariants.r4x8 ? 'r4x8' : 'r4x4';
  const wantsRegisters = traits.isSoftware || isSmall || tiles.length === 0;
  const usual = wantsRegisters ? usualRegister : tiles.includes(usualTile(extent)) ? usualTile(extent) : tiles[0]!;
  const others = wantsRegisters ? [...registers, ...tiles] : [...tiles, ...registers];
  const candidates = [usual, ...others.filter((name) => name !== usual)];
  const isTunable = isAligned && !isSmall;
  const name = isTunable ? variantOf(classOf(kind, extent), candidates) : usual;
  return name in tileVariants
    ? { kind: 'tile', tile: tileVariants[name as keyof typeof tileVariants] }
    : { kind: 'register', tile: registerVariants[name as keyof typeof registerVariants] };
}
