/**
 * Weights that cannot be used: `WEIGHTS_UNREACHABLE` when a file is not where it was looked for, `WEIGHTS_DAMAGED` when
 * what is there is another, `FILE_UNKNOWN` for a name that the package does not have. The `fix` is part of the message.
 */
export class WeightsError extends Error {
  override name = 'WeightsError';
  readonly code: 'WEIGHTS_UNREACHABLE' | 'WEIGHTS_DAMAGED' | 'FILE_UNKNOWN';
  readonly fix: string;

  constructor(code: WeightsError['code'], message: string, fix: string, cause?: unknown) {
    super(`${message}. ${fix}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fix = fix;
  }
}
