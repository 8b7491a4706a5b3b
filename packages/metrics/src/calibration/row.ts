/** One line of the calibration table. */
export interface CalibrationRow {
  readonly metric: string;
  readonly case: string;
  /** Implementation and version, or place, that printed the value. */
  readonly reference: string;
  /** Printed by the reference's authors, not only computed again. */
  readonly isPublished: boolean;
  /** As printed: its digits say how exact it is. */
  readonly expected: string;
  readonly ours: number;
  /** The reference (or ours) computes in float32. */
  readonly isFloat32?: boolean;
}

/**
 * Whether ours is the printed value: to half of its last digit, with a hundredth to spare for values that lie where the
 * digit turns over; those of float32 networks and filters to 10⁻⁶.
 */
export function digitsAgree({ expected, ours, isFloat32 }: CalibrationRow): boolean {
  const digits = expected.split('.')[1]?.length ?? 0;
  return Math.abs(ours - Number(expected)) <= Math.max(0.505 * 10 ** -digits, isFloat32 ? 1e-6 : 0);
}

/** Rows of one case that share their reference. */
export function rowsOf(
  common: Pick<CalibrationRow, 'case' | 'reference' | 'isPublished' | 'isFloat32'>,
  values: readonly (readonly [metric: string, expected: string, ours: number])[],
): CalibrationRow[] {
  return values.map(([metric, expected, ours]) => ({ ...common, metric, expected, ours }));
}
