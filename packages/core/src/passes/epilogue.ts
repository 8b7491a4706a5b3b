/**
 * What follows a matrix product or a convolution, found in graphs: activation(product + bias) + residual. Models that use
 * `conv2dFused` have it in one node already; recorded gradients and imported graphs do not.
 */
import type { GraphNode, GraphView } from '../backend/backend.ts';
import type { Activation } from '../backend/composites.ts';
import { sameShape, sizeOf } from '../dtype.ts';
import type { Join } from './join-nodes.ts';

/** What a backend can do at the end of a product. */
export interface EpilogueOptions {
  /** The kernel that a product becomes when something joins it, also of one that something joined already; undefined for what cannot be joined. */
  readonly kernelOf: (product: GraphNode) => string | undefined;
  readonly activations: readonly Activation[];
  /** Whether it adds a residual at the end. */
  readonly hasResidual: boolean;
  /** Whether a bias must come first. */
  readonly needsBias: boolean;
  /** Whether its result may be seen with another shape than the product's, if only the last axis stays. */
  readonly isReshaped: boolean;
}

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

/**
 * Joins a product with what follows it, for `joinNodes`.
 *
 * @returns Nodes with inputs a, b, then a bias `[columns]` and a residual like the result, if there are any; and the product's
 *   attributes with `activation`, `hasBias` and `hasResidual`.
 */
export function joinEpilogue(options: EpilogueOptions): Join {
  return (product, node, at) => {
    const kernel = options.kernelOf(product);
    if (kernel === undefined) return undefined;
    const { activation = 'none', hasResidual = false } = product.attributes;
    const hasBias = product.inputs.length > (hasResidual ? 3 : 2);
    const joined = (added: GraphView[], changed: object): GraphNode => ({
      kernel,
      inputs: [...product.inputs, ...added],
      attributes: { ...product.attributes, activation, hasBias, hasResidual, ...changed },
      outputs: node.outputs,
    });
    const { shape } = product.outputs[0]!;
    const view = node.inputs[at]!;
    const isSame = sameShape(view.shape, shape) && sameShape(node.outputs[0]!.shape, shape);
    if (hasResidual || !(isSame || options.isReshaped)) return undefined;
    if (node.kernel === 'binary' && node.attributes.op === 'add') {
      const other = node.inputs[1 - at]!;
      const columns = shape.at(-1)!;
      const isVector = sizeOf(other.shape) === columns && other.shape.at(-1) === columns;
      if (isVector && view.shape.at(-1) === columns && !hasBias && activation === 'none') {
        return joined([{ ...other, shape: [columns] }], { hasBias: true });
      }
      const isResidual = options.hasResidual && sameShape(other.shape, shape) && (hasBias || !options.needsBias);
      return isResidual ? joined([other], { hasResidual: true }) : undefined;
    }
    const next = activationOf(node);
    const isTaken = next && options.activations.includes(next) && activation === 'none';
    return isTaken && (hasBias || !options.needsBias) ? joined([], { activation: next }) : undefined;
  };
}
