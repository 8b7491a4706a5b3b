/**
 * The decoder of TVQ: from 1/8 to full resolution, most of its work at 1/8 and 1/4, with the tail of the photo tokenizer.
 *
 *   latent [N,h,w,D] → 1/8 → 1/4 ( + features of the image at 1/4) → 1/2 → 1 ( + that image, enlarged) → xHat
 */
import { add, type Backend, type Random, resize, ShapeError, silu, type Tensor, tidy } from '@vqkit/core';
import { resBlocks, upsample } from '../layers/blocks.ts';
import { type ConvParams, conv } from '../layers/conv.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import { unshuffledConv } from '../layers/unshuffled-conv.ts';

/** Parameters; `skip` where the decoder sees the image at 1/4. */
export interface TextureDecoderParams {
  readonly head: SequentialParams;
  readonly tail: SequentialParams;
  readonly skip?: SequentialParams;
}

/** @internal Sizes, as in `TextureTokenizerOptions`. */
export interface TextureDecoderSizes {
  readonly dimension: number;
  readonly decoderChannels: readonly [number, number, number, number];
  readonly blocks: number;
  readonly skip: number;
}

/** @internal A layer with a second, optional input. */
export interface TextureDecoder {
  init(backend: Backend, stream: Random): TextureDecoderParams;
  apply(params: TextureDecoderParams, latent: Tensor, quarter: Tensor | undefined): Tensor;
}

/** @internal Makes the decoder. */
export function textureDecoder({ dimension, decoderChannels, blocks, skip }: TextureDecoderSizes): TextureDecoder {
  const [a, b, c, d] = decoderChannels;
  const head = sequential([conv({ inChannels: dimension, outChannels: a }), resBlocks(blocks, a), upsample(a, b)]);
  const beside = sequential([conv({ inChannels: 3, outChannels: b }), resBlocks(skip, b)]);
  const body: readonly Layer[] = [resBlocks(blocks, b), lambda(silu), upsample(b, c), lambda(silu)];
  const tail = sequential([...body, upsample(c, d), lambda(silu), conv({ inChannels: d, outChannels: 3 })]);
  // The last enlargement and the convolution after it, in the other order: the widest image is never there.
  const cells = conv({ inChannels: c, outChannels: 4 * d, activation: 'silu' });
  const image = (params: SequentialParams, x: Tensor): Tensor => {
    const half = sequential(body).apply(params, x);
    const { 0: enlarging } = params[body.length] as readonly [ConvParams];
    return unshuffledConv(params[body.length + 2] as ConvParams, cells.apply(enlarging, half), 2);
  };
  return {
    init: (backend, stream) => ({
      head: head.init(backend, stream.split(0)),
      tail: tail.init(backend, stream.split(1)),
      ...(skip > 0 && { skip: beside.init(backend, stream.split(2)) }),
    }),
    apply: (params, latent, quarter) => {
      if ((quarter === undefined) !== (params.skip === undefined)) {
        throw new ShapeError({
          code: 'SHAPE_MISMATCH',
          message: `textureTokenizer: expected ${params.skip ? 'the image at 1/4 besides the codes' : 'codes alone'}, got ${quarter ? `an image [${quarter.shape}]` : 'none'}`,
          fix: 'Pass the small image exactly where the option skip is not 0',
        });
      }
      return tidy(() => {
        const y = head.apply(params.head, latent);
        if (quarter === undefined) return image(params.tail, y);
        const [, height, width] = quarter.shape as [number, number, number, number];
        const made = image(params.tail, add(y, beside.apply(params.skip!, quarter)));
        return add(made, resize(quarter, { height: 4 * height, width: 4 * width }));
      });
    },
  };
}
