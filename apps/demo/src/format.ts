/** Numbers as people read them. */

const whole = new Intl.NumberFormat('en');

/** `1,402 bytes` */
export function bytesText(bytes: number): string {
  return `${whole.format(bytes)} bytes`;
}

/** `310 ms`, `1.24 s` */
export function timeText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** A number with so many digits behind the point; `–` where there is none. */
export function fixed(value: number | undefined, digits: number): string {
  if (value === undefined) return '–';
  return Number.isFinite(value) ? value.toFixed(digits) : '∞';
}

/** `12.4 MB` */
export function megabytesText(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `12.5 %` */
export function percentText(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
