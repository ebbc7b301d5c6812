/** A rack with a lamp on it. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="7" />
      <path class="mark-rack" d="M8 6.5v19M24 6.5v19M8 12h16M8 19h16M8 25.5h16" />
      <circle class="mark-lamp" cx="16" cy="7" r="3.6" />
    </svg>
  );
}
