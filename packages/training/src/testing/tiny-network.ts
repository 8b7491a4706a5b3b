/** Sizes of the photo tokenizer for tests: 0.1 M parameters. */
export const tinyNetwork = {
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;
