/** Errors of `@vqkit/images`. */
import { VqkitError } from '@vqkit/core';

/** An image is not what it should be: `IMAGE_INVALID`. */
export class ImageError extends VqkitError {}
