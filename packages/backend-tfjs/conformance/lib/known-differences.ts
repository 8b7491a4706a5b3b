/**
 * What the conformance kit asks for and a tfjs runtime does not give: case → reason. This list, and nothing else, is
 * excused, and it is printed with every run.
 */

/** Excused cases by tfjs's name of the runtime. */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  webgl: {
    'large: unary neg to [17000000] f32': 'tfjs counts texels in float32: tensors of up to 2²⁴ elements',
  },
};
