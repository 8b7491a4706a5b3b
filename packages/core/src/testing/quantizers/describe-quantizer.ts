/** The contract suite of quantizers as tests of a runner, whose functions arrive as arguments. */
import type { Backend } from '../../backend/backend.ts';
import { cpu } from '../../cpu/cpu.ts';
import type { TestRunner } from '../describe-backend.ts';
import { gradientCases } from './gradients.ts';
import { lawCases } from './laws.ts';
import { backendCases } from './on-backends.ts';
import { refusalCases } from './refusals.ts';
import type { QuantizerSubject } from './subject.ts';

/** Options of `describeQuantizer`. */
export interface DescribeQuantizerOptions<P, S> extends QuantizerSubject<P, S>, TestRunner {
  /** Backends to compare with the reference besides `cpu`, by name; each is made once, when its first test runs. */
  readonly backends?: Readonly<Record<string, () => Backend | Promise<Backend>>>;
}

/**
 * Defines the tests that every quantizer has to pass.
 *
 * @param name  The quantizer and its options, for the report.
 *
 * @example
 * import { afterAll, describe, it } from 'vitest';
 * describeQuantizer('fsq 8, 5, 5', { create: () => fsq({ levels: [8, 5, 5] }), describe, it, afterAll });
 */
export function describeQuantizer<P, S>(name: string, options: DescribeQuantizerOptions<P, S>): void {
  const { describe, it, afterAll, backends = {}, ...subject } = options;
  describe(`${name} keeps the contract of quantizers: it`, () => {
    for (const { name: what, run } of [...lawCases, ...refusalCases, ...gradientCases]) it(what, () => run(subject));
  });
  for (const [backendName, create] of Object.entries({ cpu, ...backends })) {
    describe(`${name} on ${backendName}`, () => {
      let shared: Promise<Backend> | undefined;
      const backend = (): Promise<Backend> => {
        shared ??= Promise.resolve(create());
        return shared;
      };
      afterAll(async () => {
        if (shared) (await shared).dispose();
      });
      for (const { name: what, run } of backendCases) it(what, async () => run(subject, await backend()));
    });
  }
}
