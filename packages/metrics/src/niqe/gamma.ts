/** Logarithm of the gamma function for positive numbers: Lanczos' approximation, about 15 digits. */

// g = 7, nine terms: Godfrey's coefficients, as in Boost and GSL documentation.
const coefficients = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x). @param x  > 0 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + 7.5;
  const series = coefficients.slice(1).reduce((sum, c, i) => sum + c / (z + i + 1), coefficients[0] as number);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}
