/** Turns an action into the code of the error that it throws. */
import { BitstreamError } from '../errors.ts';

/** Returns the code of the `BitstreamError` that `action` throws, `'none'` when it throws nothing; rethrows all others. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof BitstreamError) return error.code;
    throw error;
  }
  return 'none';
}
