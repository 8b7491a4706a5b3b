/** Numbers with their names. */

/** Name, value, and a word for tests to find it by. */
export type Fact = readonly [name: string, value: string, id: string];

/** A list of numbers under a heading. */
export function Facts({ title, rows }: { readonly title: string; readonly rows: readonly Fact[] }) {
  return (
    <section class="facts">
      <h2>{title}</h2>
      <dl>
        {rows.map(([name, value, id]) => (
          <div key={id}>
            <dt>{name}</dt>
            <dd data-fact={id}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
