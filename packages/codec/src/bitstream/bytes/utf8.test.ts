import { describe, expect, it } from 'vitest';
import { printable } from './utf8.ts';

describe('printable', () => {
  it('spells out what could steer a terminal or reorder letters', () => {
    expect(printable('\u001b[2J\u0007')).toBe('\\x1b[2J\\x07');
    expect(printable('\u009b2J\u007f')).toBe('\\x9b2J\\x7f');
    expect(printable('a\nb\rc\td\0')).toBe('a\\x0ab\\x0dc\\x09d\\x00');
    expect(printable('photo\u202egnp.exe')).toBe('photo\\u{202e}gnp.exe');
    expect(printable('\u2066x\u2069\u2028\u200b\ufeff\u{e0041}\ud800')).toBe(
      '\\u{2066}x\\u{2069}\\u{2028}\\u{200b}\\u{feff}\\u{e0041}\\u{d800}',
    );
  });

  it('leaves letters of any script alone, emoji included', () => {
    for (const text of ['ph-1', 'Größe 12 µm', '写真 фото صورة', '👩\u200d🚀 é e\u0301', 'a\\b']) {
      expect(printable(text)).toBe(text);
    }
  });
});
