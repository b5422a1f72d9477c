-- What is done again is an undo of an undo: the history names it redo. Old rows need no check, the list only grows.
ALTER TABLE nightbell.event_actions DROP CONSTRAINT event_actions_action_check;
ALTER TABLE nightbell.event_actions ADD CONSTRAINT event_actions_action_check CHECK (action IN
    ('raise', 'raise_again', 'acknowledge', 'resolve', 'reopen', 'assign', 'snooze', 'note', 'undo', 'redo')) NOT VALID;
