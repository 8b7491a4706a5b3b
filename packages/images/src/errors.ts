/** Errors of `@vqkit/images`. */
import { VqkitError } from '@vqkit/core';

/**
 * An image is not what it should be: `IMAGE_INVALID`, `OPTIONS_INVALID`; from files and in browsers `IMAGE_UNREADABLE`; in browsers
 * `IMAGE_TOO_LARGE`, `CANVAS_TAKEN`.
 */
export class ImageError extends VqkitError {
  override name = 'ImageError';
}
