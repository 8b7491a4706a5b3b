/** The bar on top: the parts of the page, where it runs, another file, and the theme. */

import { goTo, tab, tabNames, tabTitles } from '../state/tabs.ts';
import { FileButton } from './file-button.tsx';
import { Icon } from './icon.tsx';
import { Places } from './places.tsx';

/** Tabs that arrow keys go through. */
function Tabs() {
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    const names = tabNames();
    const next = names[(names.indexOf(tab.value) + step + names.length) % names.length]!;
    goTo(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label="What to do" onKeyDown={onKey}>
      {tabNames().map((name) => (
        <button
          type="button"
          key={name}
          id={`tab-${name}`}
          role="tab"
          aria-selected={tab.value === name}
          aria-controls="panel"
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => goTo(name)}
        >
          {tabTitles[name]}
        </button>
      ))}
    </div>
  );
}

/** Light, dark, or as the system has it. */
function nextTheme(): void {
  const { style } = document.documentElement;
  const isDark = style.colorScheme ? style.colorScheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  style.colorScheme = isDark ? 'light' : 'dark';
}

/** The bar. */
export function Bar() {
  const isOpen = tabNames().length > 0;
  return (
    <header class="bar">
      <span class="brand">
        <img src="./icon.svg" alt="" width="22" height="22" />
        vqkit
      </span>
      {isOpen && <Tabs />}
      <div class="end">
        <Places />
        {isOpen && <FileButton class="quiet" label="Open" />}
        <button type="button" class="quiet" onClick={nextTheme} aria-label="Light or dark" title="Light or dark">
          <Icon name="theme" />
        </button>
      </div>
    </header>
  );
}
