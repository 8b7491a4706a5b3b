/**
 * The photo tokenizer's decoder as somebody would write it in tfjs: fused convolutions, `depthToSpace` with filters put
 * in its channel order once, `tf.tidy` around it all.
 */
import type { PhotoTokenizerParams } from '@vqkit/models';

/** The part of tfjs that the network by hand needs. */
export interface Tfjs {
  tensor(values: Float32Array, shape: number[], dtype: 'float32'): TfTensor;
  tidy(work: () => TfTensor): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  depthToSpace(x: TfTensor, blockSize: number, dataFormat: 'NHWC'): TfTensor;
  readonly fused: {
    conv2d(options: {
      x: TfTensor;
      filter: TfTensor;
      bias: TfTensor;
      strides: number;
      pad: 'same';
      activation: 'linear';
    }): TfTensor;
  };
}

/** A tensor of tfjs. */
export interface TfTensor {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** A convolution's parameters in tfjs. */
interface Conv {
  readonly weight: TfTensor;
  readonly bias: TfTensor;
}

/** A tensor whose values can be read. */
interface Readable {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** A convolution's parameters, on any backend. */
interface HostConv {
  readonly weight: Readable;
  readonly bias: Readable;
}

/** Copies a convolution; `factor` r turns channel c·r² + p of a pixel shuffle into channel p·C + c of `depthToSpace`. */
async function copyConv(tf: Tfjs, { weight, bias }: HostConv, factor = 1): Promise<Conv> {
  const copy = async (x: Readable): Promise<TfTensor> => {
    const values = await x.data();
    const channels = x.shape.at(-1)!;
    const patch = factor ** 2;
    const groups = channels / patch;
    const moved = Float32Array.from({ length: values.length }, (_, i) => {
      const channel = i % channels;
      return values[i - channel + (channel % groups) * patch + Math.floor(channel / groups)]!;
    });
    return tf.tensor(moved, [...x.shape], 'float32');
  };
  return { weight: await copy(weight), bias: await copy(bias) };
}

/**
 * Builds the decoder.
 *
 * @param params  Parameters of the default `photoTokenizer`, on any backend.
 * @returns A function from `[N, h, w, D]` to `[N, 16·h, 16·w, 3]`; the caller disposes of the result.
 */
export async function decoderByHand(
  tf: Tfjs,
  params: PhotoTokenizerParams['decoder'],
): Promise<(z: TfTensor) => TfTensor> {
  const [head, blocksA, upA, blocksB, upB, blocksC, , upC, , upD, , tail] = params as never[];
  const blocks = (list: never): Promise<[Conv, Conv][]> =>
    Promise.all(
      (list as [unknown, HostConv, HostConv][]).map(
        async ([, a, b]): Promise<[Conv, Conv]> => [await copyConv(tf, a), await copyConv(tf, b)],
      ),
    );
  const grow = ([c]: readonly HostConv[]): Promise<Conv> => copyConv(tf, c!, 2);
  const stages = [
    { blocks: await blocks(blocksA!), up: await grow(upA!) },
    { blocks: await blocks(blocksB!), up: await grow(upB!) },
    { blocks: await blocks(blocksC!), up: undefined },
  ];
  const first = await copyConv(tf, head!);
  const ups = [await grow(upC!), await grow(upD!)];
  const last = await copyConv(tf, tail!);

  const silu = (x: TfTensor): TfTensor => tf.mul(x, tf.sigmoid(x));
  const conv = (x: TfTensor, { weight, bias }: Conv): TfTensor =>
    tf.fused.conv2d({ x, filter: weight, bias, strides: 1, pad: 'same', activation: 'linear' });
  const enlarge = (x: TfTensor, up: Conv): TfTensor => tf.depthToSpace(conv(x, up), 2, 'NHWC');
  return (z) =>
    tf.tidy(() => {
      let x = conv(z, first);
      for (const { blocks, up } of stages) {
        for (const [a, b] of blocks) x = tf.add(x, conv(silu(conv(silu(x), a)), b));
        if (up) x = enlarge(x, up);
      }
      for (const up of ups) x = enlarge(silu(x), up);
      return conv(silu(x), last);
    });
}
