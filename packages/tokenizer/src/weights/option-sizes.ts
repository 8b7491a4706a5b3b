/**
 * Sizes in manifests, before anything is made of them: networks and quantizers are built by these numbers, and a manifest of
 * a stranger could ask for all of the memory in a hundred bytes.
 */

/** Largest number: codes of a codebook, channels. */
const largest = 2 ** 18;

/** Most of what is made one by one, such as blocks. */
const mostParts = 1024;

/** Largest product of the numbers beside each other in the options of a quantizer, such as codes and dimension. */
const largestProduct = 2 ** 26;

/** Most values, how deep they may lie, and how long names may be. */
const [mostValues, deepest, longestName] = [256, 8, 64];

const isCount = /blocks|layers|depth|stages|skip|heads|pieces|parts|bits|slots/i;

/** What is expected of options that do not fit; nothing for those that do. */
export function problemOfSizes(options: unknown): string | undefined {
  let values = 0;
  const look = (value: unknown, key: string, depth: number): string | undefined => {
    if (++values > mostValues || depth > deepest) return `at most ${mostValues} values as options`;
    if (key.length > longestName || (typeof value === 'string' && value.length > longestName))
      return `names of at most ${longestName} characters`;
    if (typeof value === 'number') {
      const limit = isCount.test(key) ? mostParts : largest;
      return Math.abs(value) <= limit ? undefined : `numbers of at most ${limit} as ${key}`;
    }
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [name, each] of Object.entries(value)) {
      const problem = look(each, Array.isArray(value) ? key : name, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  };
  return look(options, 'options', 0);
}

/** As `problemOfSizes`, for a quantizer: its tables have as many numbers as the product of its sizes says. */
export function problemOfTables(options: object): string | undefined {
  const numbers = Object.values(options).filter((value) => typeof value === 'number' && value > 1) as number[];
  const product = numbers.reduce((all, value) => all * value, 1);
  return product <= largestProduct ? problemOfSizes(options) : `a quantizer of at most ${largestProduct} numbers`;
}
