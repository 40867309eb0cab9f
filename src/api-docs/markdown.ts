import { Marked, type Tokens } from "marked";

/** Link targets that a page may have: other protocols, such as `javascript:`, could run code. */
const SAFE_TARGET = /^(?:https?:|mailto:|#)/i;

const marked = new Marked({
  gfm: true,
  renderer: {
    // HTML in the spec's prose is shown as text.
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    // A picture would have to be fetched.
    image: ({ text, href }: Tokens.Image) => escapeHtml(text === "" ? href : text),
    link({ href, tokens }: Tokens.Link) {
      const text = this.parser.parseInline(tokens);
      return SAFE_TARGET.test(href) ? `<a href="${escapeHtml(href)}">${text}</a>` : text;
    },
    // The page's own headings are h1 to h3.
    heading({ tokens, depth }: Tokens.Heading) {
      const level = Math.min(depth + 3, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
  },
});

/** Renders Markdown of a spec as HTML; empty if there is none. */
export function markdown(text: string | undefined): string {
  return text === undefined || text.trim() === "" ? "" : marked.parse(text, { async: false });
}

/** Renders one line of Markdown as HTML without a paragraph. */
export function inlineMarkdown(text: string | undefined): string {
  return text === undefined ? "" : marked.parseInline(text, { async: false });
}

/** Escapes text for HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
