/** `@vqkit/images`: images as typed arrays, checks, regions, tensors and a tiler. */
export { ImageError } from './errors.ts';
export {
  type AnyImage,
  checkImage,
  type InputImage,
  type IntegerSamples,
  joinImage,
  maxPixels,
  type SplitImage,
  splitImage,
  to8Bit,
} from './image.ts';
export {
  cut,
  emptyLike,
  paste,
  type Raster,
  type Rectangle,
  type Samples,
  spreadMirrored,
  spreadRepeated,
} from './region.ts';
export {
  type AxisWeights,
  alongAxis,
  axisWeights,
  type BorderRule,
  type Interpolation,
  type ResampleOptions,
  resample,
} from './resample.ts';
export { type RowSource, rowsOf } from './rows.ts';
export { imageSheet, type SheetOptions } from './sheet.ts';
export { fromTensor, type TensorSamples, toBytes, toTensor, toUnitRange, unitValues } from './tensors.ts';
export {
  evenWindow,
  runTiled,
  type Tile,
  type TiledOptions,
  type TileOptions,
  type TileResult,
  type TileWindow,
  tiledRows,
  tilesOf,
} from './tiles.ts';
