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
  /** Largest difference where the printed digits are not all defined: networks in float32, sums of another order. */
  readonly tolerance?: number;
}

/**
 * Whether ours is the printed value: to half of its last digit; for independent values, which were not chosen to lie
 * clear of where a digit turns over, with a hundredth of it to spare. Sums of a million float64 numbers in another order
 * differ by 10⁻¹³, which only shows in values that are printed to the last bit.
 */
export function digitsAgree({ expected, ours, isPublished, tolerance = 0 }: CalibrationRow): boolean {
  const digits = expected.split('.')[1]?.length ?? 0;
  const half = (isPublished ? 0.5 : 0.505) * 10 ** -digits;
  return Math.abs(ours - Number(expected)) <= Math.max(half, tolerance, 1e-13);
}

/** Rows of one case that share their reference. */
export function rowsOf(
  common: Pick<CalibrationRow, 'case' | 'reference' | 'isPublished' | 'tolerance'>,
  values: readonly (readonly [metric: string, expected: string, ours: number])[],
): CalibrationRow[] {
  return values.map(([metric, expected, ours]) => ({ ...common, metric, expected, ours }));
}
