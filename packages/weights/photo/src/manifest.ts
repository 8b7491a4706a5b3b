/** What these weights are. The id is written into every `.vqk` file: it changes whenever the meaning of indices does. */
export const manifest = {
  id: 'ph-2',
  architecture: 'photo-tokenizer',
  options: {
    dimension: 16,
  },
  codebookSizes: [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
  predecessors: {
    'ph-1': '@vqkit/weights-photo@0.0.0',
  },
} as const;
