/** Numbers from the command line, and numbers as people read them. */
import { InvalidArgumentError } from 'commander';

/** Largest number of an option: what is computed from it stays a number, and a whole one is exact. */
const largest = Number.MAX_SAFE_INTEGER;

/** Reads decimal digits; other bases and what numbers cannot hold are no numbers here. */
function numberOf(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
}

/** Reads a positive number. @throws InvalidArgumentError */
export function positiveNumber(text: string): number {
  const value = numberOf(text);
  if (value > 0 && value <= largest) return value;
  throw new InvalidArgumentError(value > largest ? `Expected at most ${largest}.` : 'Expected a number above 0.');
}

/** Reads a whole number of at least 1. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (Number.isInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number.');
}

/** Makes a reader of numbers in a range. */
export function numberFrom(min: number, max: number, read = positiveNumber): (text: string) => number {
  return (text) => {
    const value = read(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected ${min} to ${max}.`);
  };
}

/** Makes a reader of whole numbers in a range. */
export function integerFrom(min: number, max: number): (text: string) => number {
  return numberFrom(min, max, positiveInteger);
}

/** Reads a number of at least 0. @throws InvalidArgumentError */
export function numberFromZero(text: string): number {
  const value = numberOf(text);
  if (value === 0) return 0;
  if (value > 0) return positiveNumber(text);
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

/** Reads a whole number of at least 0. @throws InvalidArgumentError */
export function integerFromZero(text: string): number {
  return numberFromZero(text) === 0 ? 0 : positiveInteger(text);
}

/** Reads an effort. @throws InvalidArgumentError */
export function effortLevel(text: string): number {
  if (/^[0-3]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected 0, 1, 2 or 3.');
}

/** Reads numbers between commas. @throws InvalidArgumentError */
export function positiveNumbers(text: string): number[] {
  return text.split(',').map(positiveNumber);
}

/** Bytes with a unit: exact below 10,000, then rounded in powers of 1000. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString('en-US')} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Milliseconds as seconds, or as they are when they are few. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Bits per pixel with four digits after the point. */
export function formatBpp(bpp: number): string {
  return `${bpp.toFixed(4)} bpp`;
}

/** A stretch of time ahead, roughly. */
export function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
