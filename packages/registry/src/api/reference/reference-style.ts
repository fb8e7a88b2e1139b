/** The style of the reference page: readable on a phone, light and dark. */
export const REFERENCE_STYLE = `
:root { color-scheme: light dark; --line: #d2d2d2; --soft: #f2f2f2; --text: #151515; --dim: #5c5c5c; --back: #fff; --link: #06c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444548; --soft: #26292d; --text: #e8e8e8; --dim: #a9adb2; --back: #151515; --link: #92c5f9; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); display: grid; grid-template-columns: 15rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-right: 1px solid var(--line); padding: 1rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .25rem .5rem; border-radius: .25rem; text-decoration: none; }
nav a:hover { background: var(--soft); }
.brand { font-weight: 600; font-size: 1.25rem; margin: 0 .5rem .75rem; }
main { padding: 1rem 2rem 4rem; max-width: 62rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
article { border: 1px solid var(--line); border-radius: .375rem; padding: .75rem 1rem; margin: 1rem 0; }
article h3 { margin: 0 0 .5rem; font-size: 1rem; overflow-wrap: anywhere; }
article h3 a { color: inherit; text-decoration: none; }
article h3 a:hover { text-decoration: underline; }
article p { margin: .25rem 0; }
article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.facts { color: var(--dim); font-size: .875rem; }
.method { display: inline-block; min-width: 4.25rem; text-align: center; border-radius: .25rem; padding: 0 .5rem; font-size: .8125rem; font-weight: 600; color: #fff; background: #4d4d4d; }
.method.get { background: #004d99; } .method.post { background: #3d7317; } .method.put { background: #8a5100; } .method.delete { background: #a60000; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { background: var(--soft); padding: .75rem; border-radius: .375rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid var(--line); }
@media (min-width: 48.01rem) {
  article td:first-child { width: 12rem; }
  article td:nth-child(2) { width: 8rem; }
}
summary { cursor: pointer; padding: .25rem 0; }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { display: flex; flex-wrap: wrap; }
  main { padding: 1rem; }
}
`;
