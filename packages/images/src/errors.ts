/** Errors of `@vqkit/images`. */
import { VqkitError } from '@vqkit/core';

/** An image is not what it should be: `IMAGE_INVALID`, `OPTIONS_INVALID`; in browsers `IMAGE_UNREADABLE`, `IMAGE_TOO_LARGE`, `CANVAS_TAKEN`. */
export class ImageError extends VqkitError {}
