import { describe, expect, it } from 'vitest';
import { completeOptions, identityOf, type OptionTable, parseOption } from './options.ts';
import { recipes } from './recipes.ts';

const table = {
  data: { type: 'folder', description: 'photos', isNeeded: true, mayChange: true },
  codes: { type: 'integer', description: 'K', default: 8, min: 2, max: 64, multipleOf: 2 },
  rate: { type: 'number', description: 'rate', min: 0, mayChange: true },
  levels: { type: 'integers', description: 'levels', min: 2 },
  metric: { type: 'choice', description: 'distance', choices: ['l2', 'cosine'], default: 'l2' },
} as const satisfies OptionTable;

describe('options of recipes', () => {
  it('are completed by defaults', () => {
    expect(completeOptions('r', table, { data: 'a', rate: undefined })).toEqual({ data: 'a', codes: 8, metric: 'l2' });
  });

  it('are refused when missing, unknown or impossible, with what was expected', () => {
    const problem = (given: object) => () => completeOptions('r', table, { data: 'a', ...given });
    expect(problem({ data: undefined })).toThrow(/r: expected data to be a folder: photos, got none/);
    expect(problem({ code: 1 })).toThrow(/expected code to be one of data, codes, rate, levels, metric/);
    for (const codes of [1, 65, 3, 4.5, Number.NaN, '8', null])
      expect(problem({ codes: codes ?? 'x' })).toThrow(/from 2 to 64, a multiple of 2/);
    for (const levels of [[], [1], 3, [2.5]]) expect(problem({ levels })).toThrow(/levels/);
    expect(problem({ metric: 'l1' })).toThrow(/one of l2, cosine, got "l1"/);
    expect(problem({ rate: Number.POSITIVE_INFINITY })).toThrow(/rate/);
  });

  it('are read from text', () => {
    expect(parseOption(table.codes, '16')).toEqual({ value: 16 });
    expect(parseOption(table.levels, '8,5')).toEqual({ value: [8, 5] });
    expect(parseOption(table.rate, '')).toHaveProperty('problem');
    expect(parseOption(table.levels, '8,,5')).toHaveProperty('problem');
  });

  it('say what a checkpoint must agree in', () => {
    expect(identityOf(table, { data: 'a', codes: 8, rate: 1, metric: 'l2' })).toEqual({ codes: 8, metric: 'l2' });
  });
});

describe('the table of recipes', () => {
  it('has names of its own, possible defaults, and says what is published', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
    for (const { name, options, publishes, description } of recipes) {
      expect(description).not.toBe('');
      expect(Object.keys(publishes).length).toBeGreaterThan(0);
      const needed = Object.entries(options).filter(([, option]) => option.isNeeded);
      const given = Object.fromEntries(needed.map(([key]) => [key, 'path']));
      expect(() => completeOptions(name, options, given)).not.toThrow();
    }
  });
});
