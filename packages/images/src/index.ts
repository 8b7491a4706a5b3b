/** `@vqkit/images`: images as typed arrays, checks, regions and a tiler. */
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
} from './image.ts';
export { cut, paste, type Raster, type Rectangle, type Samples, spreadMirrored } from './region.ts';
export { runTiled, type Tile, type TiledOptions, type TileOptions, type TileResult, tilesOf } from './tiles.ts';
