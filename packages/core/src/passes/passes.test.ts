import { describe, expect, it } from 'vitest';
import { add, cpu, type Graph, relu, reshape, silu, type Tensor, trace } from '../index.ts';
import { conv2d } from '../ops/conv2d.ts';
import { linear, matmul } from '../ops/matmul.ts';
import { type EpilogueOptions, joinEpilogue } from './epilogue.ts';
import { joinNodes } from './join-nodes.ts';
import { usesOf } from './uses.ts';

const spec = (...shape: number[]) => ({ shape, dtype: 'f32' }) as const;
const image = spec(1, 4, 4, 8);
const filter = spec(3, 3, 8, 8);

const whole: EpilogueOptions = {
  kernelOf: ({ kernel }) => (['conv2d', 'matmul', 'joined'].includes(kernel) ? 'joined' : undefined),
  activations: ['relu', 'silu'],
  hasResidual: true,
  needsBias: false,
  isReshaped: false,
};

/** A backend that has `silu` of its own, as far as tracing asks. */
const target = { ...cpu(), name: 'silu', supports: (kernel: string) => kernel === 'silu' };

function joined(fn: (...args: Tensor[]) => unknown, specs: readonly object[], options: Partial<EpilogueOptions> = {}) {
  const graph = trace(fn as (...args: never[]) => unknown, specs as never, target);
  return joinNodes(graph, joinEpilogue({ ...whole, ...options }));
}

const kernelsOf = ({ nodes }: Graph): string[] => nodes.map(({ kernel }) => kernel);

describe('usesOf', () => {
  it('counts a node that reads a value twice twice, and knows what leaves', () => {
    const graph = trace((x: Tensor) => [add(relu(x), relu(x)), x], [spec(2)]);
    const [x, y] = [graph.inputs[0]!.id, graph.nodes[0]!.outputs[0]!.id];
    const uses = usesOf(graph);
    expect([uses.of(x), uses.of(y)]).toEqual([[0], [1, 1]]);
    expect([uses.isOutput(x), uses.isOutput(y)]).toEqual([true, false]);
    expect(uses.of(999)).toEqual([]);
  });
});

describe('joinEpilogue', () => {
  it('makes one node of a convolution, its bias, activation and residual', () => {
    const block = (x: Tensor, f: Tensor, b: Tensor): Tensor => add(x, silu(add(conv2d(x, f), b)));
    const { nodes, inputs, outputs } = joined(block, [image, filter, spec(8)]);
    const [x, f, b] = inputs.map(({ id }) => id);
    expect(nodes).toMatchObject([
      { kernel: 'joined', attributes: { activation: 'silu', hasBias: true, hasResidual: true, strides: [1, 1] } },
    ]);
    expect(nodes[0]!.inputs.map(({ id }) => id)).toEqual([x, f, b, x]);
    expect(nodes[0]!.outputs[0]!.id).toBe(outputs[0]!.id);
  });

  it('joins both sides of a sum as far as they go', () => {
    const both = (x: Tensor, f: Tensor, b: Tensor): Tensor =>
      add(add(conv2d(x, f), b), relu(add(conv2d(relu(x), f), b)));
    const { nodes } = joined(both, [image, filter, spec(8)]);
    expect(nodes.map(({ kernel, attributes }) => [kernel, attributes.activation ?? attributes.op])).toEqual([
      ['unary', 'relu'],
      ['joined', 'relu'],
      ['joined', 'none'],
    ]);
    expect(nodes[2]!.inputs[3]!.id).toBe(nodes[1]!.outputs[0]!.id);
  });

  it('sees a bias of any rank as a vector', () => {
    const { nodes } = joined((x, f, b) => add(conv2d(x, f), b), [image, filter, spec(1, 1, 1, 8)]);
    expect(nodes[0]!.inputs[2]!.shape).toEqual([8]);
  });

  it('leaves alone what is read elsewhere, leaves the graph, or comes in another sequence', () => {
    const read = (x: Tensor, f: Tensor): unknown => {
      const y = conv2d(x, f);
      return { y, z: relu(y) };
    };
    expect(kernelsOf(joined(read as never, [image, filter]))).toEqual(['conv2d', 'unary']);
    const late = (x: Tensor, f: Tensor, b: Tensor): Tensor => add(relu(conv2d(x, f)), b);
    expect(kernelsOf(joined(late, [image, filter, spec(8)]))).toEqual(['joined', 'binary']);
    const twice = (x: Tensor, f: Tensor): Tensor => silu(relu(conv2d(x, f)));
    expect(kernelsOf(joined(twice, [image, filter]))).toEqual(['joined', 'silu']);
  });

  it('does only what the backend can', () => {
    const block = (x: Tensor, f: Tensor): Tensor => add(x, relu(conv2d(x, f)));
    const parts = ['conv2d', 'unary', 'binary'];
    expect(kernelsOf(joined(block, [image, filter], { needsBias: true }))).toEqual(parts);
    expect(kernelsOf(joined(block, [image, filter], { activations: [] }))).toEqual(['conv2d', 'unary', 'binary']);
    expect(kernelsOf(joined(block, [image, filter], { hasResidual: false }))).toEqual(['joined', 'binary']);
  });

  it('looks through reshapes only where the last axis stays and the backend may', () => {
    const rows = (x: Tensor, w: Tensor, b: Tensor): Tensor => relu(linear(x, w, b));
    const specs = [spec(2, 3, 4), spec(4, 8), spec(8)];
    expect(kernelsOf(joined(rows, specs))).toEqual(['matmul', 'binary', 'unary']);
    expect(kernelsOf(joined(rows, specs, { isReshaped: true }))).toEqual(['joined']);
    const turned = (x: Tensor, w: Tensor, b: Tensor): Tensor => add(reshape(matmul(x, w), [3, 4, 2]), b);
    expect(kernelsOf(joined(turned, [spec(3, 4), spec(4, 8), spec(2)], { isReshaped: true }))).toEqual([
      'matmul',
      'binary',
    ]);
  });
});
