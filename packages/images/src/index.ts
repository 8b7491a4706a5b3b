/** `@vqkit/images`: images as typed arrays, checks, regions and a tiler. */
export { ImageError } from './errors.ts';
export {
  checkImage,
  type InputImage,
  joinImage,
  maxPixels,
  type OutputImage,
  type SplitImage,
  splitImage,
} from './image.ts';
export { cut, paste, type Raster, type Rectangle, type Samples, spreadMirrored } from './region.ts';
export { runTiled, type Tile, type TiledOptions, type TileOptions, type TileResult, tilesOf } from './tiles.ts';
