/** Hands a text that the page made to the browser as a file to keep. */
export function saveFile(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of the content with the click.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}
