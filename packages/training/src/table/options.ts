/**
 * Options of recipes as data: what the command line is built from, what programs pass, and what is checked before a run
 * starts. The types of the values follow from the table.
 */
import type { WeightsPackage } from '@vqkit/tokenizer';
import { TrainingError } from '../errors.ts';

/** What every option says. */
interface OptionBase {
  /** One line for people; says the unit. */
  readonly description: string;
  /** Whether there has to be one. */
  readonly isNeeded?: true;
  /** Whether a run may be gone on from with another value: lengths, rates, paths. */
  readonly mayChange?: true;
}

/** A number in a range. */
export interface NumberOption extends OptionBase {
  readonly type: 'integer' | 'number';
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
  /** Values are multiples of this. */
  readonly multipleOf?: number;
}

/** Whole numbers, e.g. levels or sizes. */
export interface IntegersOption extends OptionBase {
  readonly type: 'integers';
  readonly default?: readonly number[];
  readonly min?: number;
  readonly max?: number;
}

/** One of some words. */
export interface ChoiceOption extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A file or a folder. */
export interface PathOption extends OptionBase {
  readonly type: 'file' | 'folder' | 'path';
  readonly default?: undefined;
}

/** A weights package: open, or the path of a folder that is one. */
export interface WeightsOption extends OptionBase {
  readonly type: 'weights';
  readonly default?: undefined;
}

/** An option of a recipe. */
export type RecipeOption = NumberOption | IntegersOption | ChoiceOption | PathOption | WeightsOption;

/** Options by name, in camelCase; the command line writes them in kebab-case. */
export type OptionTable = Readonly<Record<string, RecipeOption>>;

type ValueOf<O> = O extends { type: 'integer' | 'number' }
  ? number
  : O extends { type: 'integers' }
    ? readonly number[]
    : O extends { type: 'choice'; choices: readonly (infer C)[] }
      ? C
      : O extends { type: 'weights' }
        ? string | WeightsPackage
        : string;

type Needed<T> = { [K in keyof T]: T[K] extends { isNeeded: true } ? K : never }[keyof T];
type Certain<T> = { [K in keyof T]: T[K] extends { isNeeded: true } | { default: unknown } ? K : never }[keyof T];

/** What a caller passes. */
export type OptionsGiven<T extends OptionTable> = { readonly [K in Needed<T>]: ValueOf<T[K]> } & {
  readonly [K in Exclude<keyof T, Needed<T>>]?: ValueOf<T[K]> | undefined;
};

/** The same with defaults in the empty places. */
export type OptionValues<T extends OptionTable> = { readonly [K in Certain<T>]: ValueOf<T[K]> } & {
  readonly [K in Exclude<keyof T, Certain<T>>]?: ValueOf<T[K]> | undefined;
};

/**
 * Checks options and fills in defaults.
 *
 * @param recipe  Its name, for messages.
 * @throws TrainingError `OPTION_INVALID` for a missing, an unknown or an impossible one.
 */
export function completeOptions<T extends OptionTable>(
  recipe: string,
  table: T,
  given: Readonly<Record<string, unknown>>,
): OptionValues<T> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(table, name) && given[name] !== undefined);
  if (unknown !== undefined) {
    throw invalid(recipe, unknown, `one of ${Object.keys(table).join(', ')}`, 'an option that it does not have');
  }
  const values = Object.entries(table).map(([name, option]) => {
    const value = given[name] ?? option.default;
    if (value === undefined) {
      if (option.isNeeded) throw invalid(recipe, name, `a ${option.type}: ${option.description}`, 'none');
      return [];
    }
    const problem = problemOf(option, value);
    if (problem !== undefined) throw invalid(recipe, name, problem, JSON.stringify(value));
    return [[name, value] as const];
  });
  return Object.fromEntries(values.flat()) as OptionValues<T>;
}

/** The values that a checkpoint must agree in. */
export function identityOf(table: OptionTable, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(table).filter((name) => !table[name]!.mayChange && values[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

/** What was expected, where the value is not it. */
function problemOf(option: RecipeOption, value: unknown): string | undefined {
  switch (option.type) {
    case 'integer':
    case 'number':
      return isInRange(option, value) ? undefined : rangeOf(option);
    case 'integers':
      return Array.isArray(value) && value.length > 0 && value.every((each) => isInRange(option, each))
        ? undefined
        : `whole numbers, each ${rangeOf(option)}`;
    case 'choice':
      return option.choices.includes(value as string) ? undefined : `one of ${option.choices.join(', ')}`;
    case 'weights':
      if (typeof value === 'object' && value !== null && 'manifest' in value && 'load' in value) return undefined;
      return typeof value === 'string' && value !== '' ? undefined : 'a weights package, or the path of its folder';
    default:
      return typeof value === 'string' && value !== '' ? undefined : 'a path';
  }
}

type Ranged = NumberOption | IntegersOption;

function isInRange(option: Ranged, value: unknown): boolean {
  const { type, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) return false;
  if (type !== 'number' && !Number.isInteger(value)) return false;
  return !('multipleOf' in option) || value % option.multipleOf! === 0;
}

/** A range in words, e.g. `a whole number from 1 to 8192`. */
export function rangeOf(option: Ranged): string {
  const { type, min, max } = option;
  const noun = type === 'number' ? 'a number' : 'a whole number';
  const range =
    min !== undefined && max !== undefined ? ` from ${min} to ${max}` : min !== undefined ? ` from ${min}` : '';
  return `${noun}${range}${'multipleOf' in option ? `, a multiple of ${option.multipleOf}` : ''}`;
}

function invalid(recipe: string, name: string, expected: string, got: string): TrainingError {
  return new TrainingError({
    code: 'OPTION_INVALID',
    message: `${recipe}: expected ${name} to be ${expected}, got ${got}`,
    fix: `See the options of the recipe ${recipe}`,
  });
}

/** Reads an option's value from text, as the command line has it. @returns The value, or what was expected instead. */
export function parseOption(
  option: RecipeOption,
  text: string,
): { readonly value: unknown } | { readonly problem: string } {
  const number = (part: string): number => (part.trim() === '' ? Number.NaN : Number(part));
  const value =
    option.type === 'integer' || option.type === 'number'
      ? number(text)
      : option.type === 'integers'
        ? text.split(',').map(number)
        : text;
  const problem = problemOf(option, value);
  return problem === undefined ? { value } : { problem };
}
