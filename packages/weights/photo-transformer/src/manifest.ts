/** What these weights are, as `vqkit train index-transformer` published them. */
export const manifest = {
  id: 'ph-2-it',
  architecture: 'index-transformer',
  options: {
    dimension: 16,
    width: 192,
    blocks: 6,
    heads: 6,
  },
  codebookSizes: [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
  tokenizer: 'ph-2',
} as const;
