/**
 * Rewrites of a graph's nodes. Convolutions and matrix products that are followed by a bias, an activation and a
 * residual or a pixel shuffle, each used once, become one call: models that use `conv2dFused` come fused already, recorded gradients and
 * imported graphs do not. Distances of a search that nobody asks for are not computed.
 */
import { type Activation, type GraphNode, type GraphView, sameShape, sizeOf } from '@vqkit/core';

/** Finds out who uses a value. */
export interface Uses {
  /** Positions of the nodes that read a value, in order; a node that reads it twice counts twice. */
  readonly of: (id: number) => readonly number[];
  /** Whether the value leaves the graph. */
  readonly isOutput: (id: number) => boolean;
}

/** Counts the uses of all values. */
export function usesOf(nodes: readonly GraphNode[], outputs: readonly GraphView[]): Uses {
  const uses = new Map<number, number[]>();
  nodes.forEach((node, at) => {
    for (const { id } of node.inputs) {
      const own = uses.get(id) ?? [];
      own.push(at);
      uses.set(id, own);
    }
  });
  const leaving = new Set(outputs.map(({ id }) => id));
  return { of: (id) => uses.get(id) ?? [], isOutput: (id) => leaving.has(id) };
}

const products = new Set(['conv2d', 'conv2dFused', 'matmul']);

const activations: Readonly<Record<string, Activation>> = {
  'unary relu': 'relu',
  'unary sigmoid': 'sigmoid',
  'unary tanh': 'tanh',
  silu: 'silu',
  'gelu none': 'gelu',
  'leakyRelu 0.2': 'leakyRelu',
};

function activationOf({ kernel, attributes }: GraphNode): Activation | undefined {
  const detail = kernel === 'unary' ? attributes.op : kernel === 'gelu' ? attributes.approximation : attributes.slope;
  return activations[detail === undefined ? kernel : `${kernel} ${detail}`];
}

/** The other operand of an addition that takes `view`, seen with its own shape. */
function addend(node: GraphNode, { id, shape }: GraphView): GraphView | undefined {
  if (node.kernel !== 'binary' || node.attributes.op !== 'add') return undefined;
  const at = node.inputs.findIndex((input) => input.id === id && sameShape(input.shape, shape));
  const isSameShape = sameShape(node.outputs[0]!.shape, shape);
  return at >= 0 && isSameShape ? node.inputs[1 - at] : undefined;
}

/** Whether a node turns each four channels of `view` into a square of pixels. */
function isShuffle({ kernel, attributes, inputs }: GraphNode, { shape }: GraphView): boolean {
  return kernel === 'pixelShuffle' && attributes.factor === 2 && sameShape(inputs[0]!.shape, shape);
}

/** What follows a product: the positions that are swallowed, and the operands and attributes that replace them. */
interface Tail {
  readonly last: number;
  readonly swallowed: readonly number[];
  readonly bias: GraphView | undefined;
  readonly residual: GraphView | undefined;
  readonly activation: Activation;
  readonly isShuffled: boolean;
  readonly output: GraphView;
}

function tailOf(start: number, nodes: readonly GraphNode[], uses: Uses): Tail {
  const { kernel, inputs, attributes, outputs } = nodes[start]!;
  const isFused = kernel === 'conv2dFused';
  let output = outputs[0]!;
  let last = start;
  let bias: GraphView | undefined = isFused ? inputs[2] : undefined;
  let residual: GraphView | undefined = isFused && attributes.hasResidual ? inputs[3] : undefined;
  let activation: Activation = isFused ? (attributes.activation as Activation) : 'none';
  let isShuffled = false;
  const swallowed: number[] = [];
  for (;;) {
    const users = uses.of(output.id);
    if (users.length !== 1 || uses.isOutput(output.id) || isShuffled) break;
    const at = users[0]!;
    const next = nodes[at]!;
    const other = addend(next, output);
    const columns = output.shape.at(-1)!;
    const nextActivation = sameShape(next.inputs[0]!.shape, output.shape) ? activationOf(next) : undefined;
    const isBias = other && sizeOf(other.shape) === columns && other.shape.at(-1) === columns;
    if (isShuffle(next, output) && kernel !== 'matmul') isShuffled = true;
    else if (residual) break;
    else if (isBias && !bias && activation === 'none') bias = other;
    else if (other && sameShape(other.shape, output.shape)) residual = other;
    else if (nextActivation && activation === 'none') activation = nextActivation;
    else break;
    swallowed.push(last);
    last = at;
    output = next.outputs[0]!;
  }
  return { last, swallowed, bias, residual, activation, isShuffled, output };
}

/** Replaces the patterns; the fused call stands where the last of its parts stood. */
export function fuseProducts(nodes: readonly GraphNode[], outputs: readonly GraphView[]): GraphNode[] {
  const uses = usesOf(nodes, outputs);
  const replaced = new Map<number, GraphNode | undefined>();
  nodes.forEach((node, start) => {
    if (!products.has(node.kernel)) return;
    const { last, swallowed, bias, residual, activation, isShuffled, output } = tailOf(start, nodes, uses);
    if (swallowed.length === 0 || replaced.has(last)) return;
    for (const at of swallowed) replaced.set(at, undefined);
    replaced.set(last, {
      kernel: node.kernel === 'matmul' ? 'matmulEpilogue' : 'conv2dEpilogue',
      inputs: [...node.inputs.slice(0, 2), ...(bias ? [bias] : []), ...(residual ? [residual] : [])],
      attributes: {
        ...node.attributes,
        activation,
        hasBias: bias !== undefined,
        hasResidual: residual !== undefined,
        isShuffled,
      },
      outputs: [output],
    });
  });
  return nodes.flatMap((node, at) => (replaced.has(at) ? (replaced.get(at) ?? []) : [node]));
}

/** Leaves out the distances of searches whose indices alone are used: a buffer less, and a pass over the vectors. */
export function dropDistances(nodes: readonly GraphNode[], outputs: readonly GraphView[]): GraphNode[] {
  const uses = usesOf(nodes, outputs);
  const isUsed = ({ id }: GraphView): boolean => uses.isOutput(id) || uses.of(id).length > 0;
  return nodes.map((node) =>
    node.kernel === 'nearestCode' && !isUsed(node.outputs[1]!)
      ? { ...node, kernel: 'nearestIndices', outputs: node.outputs.slice(0, 1) }
      : node,
  );
}
