import { fileURLToPath } from "node:url";
import PDFDocument from "pdfkit";

/** A4 in points of 1/72 inch. */
const pageWidth = 595.28;
const pageHeight = 841.89;
const margin = 42;
const footHeight = 24;

export const contentWidth = pageWidth - 2 * margin;

/** Noto Sans SC, cut down to some ten thousand characters: docs/decisions/0066-report-font.md. */
const fontFile = fileURLToPath(new URL("./fonts/noto-sans-sc.otf", import.meta.url));

/** Pages of one PDF, which are in memory until it ends. Beyond it a table is cut, and says so. */
export const pagesMax = 400;

export const inks = {
  text: "#1a1a1a",
  faint: "#6b6b6b",
  line: "#c8c8c8",
  mark: "#b3261e",
} as const;

type Document = InstanceType<typeof PDFDocument>;

interface TextStyle {
  readonly size?: number;
  readonly ink?: string;
  readonly bold?: boolean;
}

/** A PDF that is written from top to bottom; what does not fit goes to the next page. */
export class PdfPages {
  readonly doc: Document;
  readonly #has: (char: number) => boolean;
  y = margin;
  #pages = 1;

  /** @param title Of the document, for whoever files it. */
  constructor(title: string, now: Date) {
    this.doc = new PDFDocument({
      ...{ size: "A4", margin: 0, bufferPages: true, font: fontFile },
      info: { Title: title, Creator: "Rackwatch", Producer: "Rackwatch", CreationDate: now },
    });
    this.#has = charactersOf(this.doc);
  }

  get isFull(): boolean {
    return this.#pages >= pagesMax;
  }

  /** Begins a page unless `height` points are left on this one. @returns whether it did. */
  need(height: number): boolean {
    if (this.y + height <= pageHeight - margin - footHeight) return false;
    this.doc.addPage();
    this.#pages += 1;
    this.y = margin;
    return true;
  }

  space(height: number): void {
    this.y += height;
  }

  /** A paragraph over the whole width. */
  text(text: string, { size = 9, ink = inks.text, bold = false }: TextStyle = {}): void {
    const shown = this.printable(text);
    this.#style(size, ink);
    const height = this.doc.heightOfString(shown, { width: contentWidth });
    this.need(height);
    this.#style(size, ink);
    this.#draw(shown, margin, this.y, contentWidth, bold);
    this.y += height;
  }

  heading(text: string): void {
    this.space(12);
    // Never alone at the end of a page.
    this.need(60);
    this.text(text, { size: 12, bold: true });
    this.space(3);
  }

  /** @param widths Shares of the page's width. @param repeat The head of the table, drawn again on each new page. */
  row(
    cells: readonly string[],
    widths: readonly number[],
    style: TextStyle = {},
    repeat?: () => void,
  ): void {
    const { size = 8, ink = inks.text, bold = false } = style;
    const shown = cells.map((cell) => this.printable(cell));
    const columns = columnsOf(widths);
    this.#style(size, ink);
    const heights = shown.map((cell, at) =>
      this.doc.heightOfString(cell, { width: (columns[at]?.width ?? 0) - 6 }),
    );
    const height = Math.max(...heights, size) + 4;
    if (this.need(height)) repeat?.();
    this.#style(size, ink);
    for (const [at, cell] of shown.entries()) {
      const { left = 0, width = 0 } = columns[at] ?? {};
      this.#draw(cell, margin + left, this.y + 2, width - 6, bold);
    }
    this.y += height;
    this.doc
      .moveTo(margin, this.y)
      .lineTo(margin + contentWidth, this.y)
      .lineWidth(bold ? 0.8 : 0.3)
      .stroke(inks.line);
  }

  /** Left edge of what is drawn by hand. */
  get left(): number {
    return margin;
  }

  /** A short text at a place, which does not move what comes next. */
  label(text: string, x: number, y: number, width: number, align: "left" | "right" = "left"): void {
    this.#style(7, inks.faint);
    this.doc.text(this.printable(text), x, y, { width, align, lineBreak: false });
  }

  /** Writes `foot` under each page and ends the document. */
  end(foot: (page: number, of: number) => readonly [left: string, right: string]): void {
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.doc.switchToPage(page);
      const [left, right] = foot(page + 1, count);
      const y = pageHeight - margin;
      this.label(left, margin, y, contentWidth * 0.75);
      this.label(right, margin + contentWidth * 0.75, y, contentWidth * 0.25, "right");
    }
    this.doc.end();
  }

  /** A character that the font lacks is printed as its number: a name on paper must not lose a part. */
  printable(text: string): string {
    let shown = "";
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0;
      if (char === "\n" || this.#has(code)) shown += char;
      else if (code >= 0x20) shown += `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    }
    return shown;
  }

  #style(size: number, ink: string): void {
    this.doc.fontSize(size).fillColor(ink);
  }

  /** The one face that is embedded is made bold by a line around it. */
  #draw(text: string, x: number, y: number, width: number, bold: boolean): void {
    if (bold) {
      this.doc.lineWidth(0.25).strokeColor(inks.text);
      this.doc.text(text, x, y, { width, fill: true, stroke: true });
    } else this.doc.text(text, x, y, { width });
  }
}

function columnsOf(widths: readonly number[]) {
  const sum = widths.reduce((total, width) => total + width, 0);
  let left = 0;
  return widths.map((share) => {
    const width = (share / sum) * contentWidth;
    const column = { left, width };
    left += width;
    return column;
  });
}

/** fontkit's font, as far as it is asked. */
interface KnownFont {
  readonly font: { hasGlyphForCodePoint(code: number): boolean };
}

function charactersOf(doc: Document): (code: number) => boolean {
  const font: unknown = Reflect.get(doc, "_font");
  if (!isKnownFont(font)) return () => true;
  return (code) => font.font.hasGlyphForCodePoint(code);
}

function isKnownFont(font: unknown): font is KnownFont {
  if (typeof font !== "object" || font === null || !("font" in font)) return false;
  const inner = font.font;
  return typeof inner === "object" && inner !== null && "hasGlyphForCodePoint" in inner;
}
