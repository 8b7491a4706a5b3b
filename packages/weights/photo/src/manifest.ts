/** What these weights are. The id is written into every `.vqk` file: it changes whenever the meaning of indices does. */
export const manifest = {
  id: 'ph-1',
  architecture: 'photo-tokenizer',
  options: {},
  codebookSizes: [8, 16, 32, 64, 128, 256, 512, 1024, 2048],
  predecessors: {},
} as const;
