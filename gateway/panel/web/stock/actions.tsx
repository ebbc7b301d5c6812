import { useState } from "preact/hooks";
import { panelBookingText } from "../../../../config/language/panel-booking.ts";
import type { Permission } from "../../duties.ts";
import type { ItemOutlook, LotView } from "../../stock-api.ts";
import { Button } from "../components/button.tsx";
import { Lazy } from "../components/lazy.tsx";
import { usePanel } from "../panel.ts";

/** What people do with stock, as buttons for any page. Who may not do it sees no button; nobody logged in is asked first. */

const dialogs = {
  book: async () => (await import("./book-dialog.tsx")).BookDialog,
  count: async () => (await import("./count-dialog.tsx")).CountDialog,
  hold: async () => (await import("./holds-dialog.tsx")).HoldDialog,
  proposal: async () => (await import("./proposals-dialog.tsx")).ProposalDialog,
} as const;

interface DoneProps {
  /** The gateway has it; its live stream says what changed as well. */
  readonly onDone?: () => void;
}

export interface PlaceProps extends DoneProps {
  /** Absent: the dialog asks for it. */
  readonly location?: string;
  /** Absent: the dialog asks for it, by scanning. */
  readonly item?: string;
}

function useOpening(permission: Permission, onDone: (() => void) | undefined) {
  const { may, whenLoggedIn } = usePanel();
  const [isOpen, setOpen] = useState(false);
  return {
    hidden: may(permission) === false,
    // Whoever logged in just now may turn out not to be allowed.
    isOpen: isOpen && may(permission) === true,
    open: () => whenLoggedIn(() => setOpen(true)),
    close: () => setOpen(false),
    done: () => onDone?.(),
  };
}

/** Receipt, issue, transfer, correction. */
export function BookButton({ location, item, onDone }: PlaceProps) {
  const words = panelBookingText[usePanel().preference.language.value];
  const { hidden, isOpen, open, close, done } = useOpening("stock", onDone);
  if (hidden) return null;
  const place = {
    ...(location !== undefined && { location }),
    ...(item !== undefined && { item }),
  };
  return (
    <>
      <Button kind="primary" onPress={open}>
        {words.book.button}
      </Button>
      {isOpen && <Lazy load={dialogs.book} props={{ ...place, onClose: close, onDone: done }} />}
    </>
  );
}

interface CountProps extends DoneProps {
  readonly location: string;
  readonly item: string;
  /** Absent: all lots together. */
  readonly lot?: string;
  /** For screen readers, where several stand below each other. */
  readonly label?: string;
}

export function CountButton({ location, item, lot, label, onDone }: CountProps) {
  const words = panelBookingText[usePanel().preference.language.value];
  const { hidden, isOpen, open, close, done } = useOpening("stock", onDone);
  if (hidden) return null;
  const place = { location, item, ...(lot !== undefined && { lot }) };
  return (
    <>
      <Button onPress={open} {...(label !== undefined && { label })}>
        {words.count.button}
      </Button>
      {isOpen && <Lazy load={dialogs.count} props={{ ...place, onClose: close, onDone: done }} />}
    </>
  );
}

export interface LotProps extends DoneProps {
  readonly location: string;
  readonly item: string;
  readonly lot: LotView;
}

/** A lot that is free can be put aside, one that is held is decided about by quality. */
export function LotActions({ location, item, lot, onDone }: LotProps) {
  const words = panelBookingText[usePanel().preference.language.value].holds;
  const isHeld = lot.hold !== undefined;
  const { hidden, isOpen, open, close, done } = useOpening(isHeld ? "dispose" : "stock", onDone);
  if (hidden) return null;
  const name = lot.lot ?? words.noLot;
  const props = { location, item, lot, onClose: close, onDone: done };
  return (
    <>
      <Button label={isHeld ? words.decideNamed(name) : words.holdNamed(name)} onPress={open}>
        {isHeld ? words.decide : words.hold}
      </Button>
      {isOpen && <Lazy load={dialogs.hold} props={props} />}
    </>
  );
}

export interface ProposalProps extends DoneProps {
  readonly proposal: NonNullable<ItemOutlook["proposal"]>;
}

/** Approve or reject a reorder point, each with a comment. */
export function ProposalActions({ proposal, onDone }: ProposalProps) {
  const words = panelBookingText[usePanel().preference.language.value].proposals;
  const [approve, setApprove] = useState(true);
  const { hidden, isOpen, open, close, done } = useOpening("planning", onDone);
  if (hidden) return null;
  const ask = (yes: boolean) => () => {
    setApprove(yes);
    open();
  };
  const props = { proposal, approve, onClose: close, onDone: done };
  return (
    <div class="button-row">
      <Button kind="primary" onPress={ask(true)}>
        {words.approve}
      </Button>
      <Button onPress={ask(false)}>{words.reject}</Button>
      {isOpen && <Lazy load={dialogs.proposal} props={props} />}
    </div>
  );
}
