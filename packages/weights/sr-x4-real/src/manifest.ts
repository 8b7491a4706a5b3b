/** What these weights are, as `vqkit train sr-rap` published them. */
export const manifest = {
  id: 'sr-real',
  architecture: 'tvq-rap',
  options: {
    model: {
      dimension: 32,
      structure: 16,
      channels: [48, 96, 128],
      blocks: 2,
      skip: 2,
      decoderChannels: [96, 48, 32, 16],
    },
    predictor: {
      codes: [1024],
    },
  },
  quantizer: {
    name: 'vq',
    options: {
      codes: 1024,
      dimension: 32,
    },
  },
} as const;
