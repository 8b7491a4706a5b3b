/** Errors of `@vqkit/metrics`. The codes are listed in the README. */
import { VqkitError } from '@vqkit/core';

/** Base of the errors of this package. */
export class MetricsError extends VqkitError {
  override name = 'MetricsError';
}

/**
 * Images, features or points that a metric cannot take: `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `RANGE_MISMATCH`,
 * `IMAGE_TOO_SMALL`, `IMAGE_INVALID`, `NOT_FINITE`, `TOO_FEW_SAMPLES`, `VALUE_OUT_OF_RANGE`, `NO_OVERLAP`.
 */
export class InputError extends MetricsError {
  override name = 'InputError';
}

/**
 * Weights that are not there or not the right ones: `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED`,
 * `CHECKSUM_MISMATCH`, `PICKLE_UNSAFE`.
 */
export class WeightsError extends MetricsError {
  override name = 'WeightsError';
}
