/** Icons of Lucide (ISC), as text in the page, so that they take its colour. */

import split from 'lucide-static/icons/chevrons-left-right.svg?raw';
import alert from 'lucide-static/icons/circle-alert.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import place from 'lucide-static/icons/cpu.svg?raw';
import dice from 'lucide-static/icons/dices.svg?raw';
import download from 'lucide-static/icons/download.svg?raw';
import open from 'lucide-static/icons/image-plus.svg?raw';
import fit from 'lucide-static/icons/maximize.svg?raw';
import less from 'lucide-static/icons/minus.svg?raw';
import play from 'lucide-static/icons/play.svg?raw';
import more from 'lucide-static/icons/plus.svg?raw';
import stop from 'lucide-static/icons/square.svg?raw';
import theme from 'lucide-static/icons/sun-moon.svg?raw';
import close from 'lucide-static/icons/x.svg?raw';

const icons = { dice, download, fit, less, more, open, place, play, stop, copy, split, theme, close, alert };

/** A picture beside or in the place of words; it says nothing by itself. */
export function Icon({ name }: { readonly name: keyof typeof icons }) {
  return <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icons[name] }} />;
}
