-- How many events a span has held, counted once when it is over; NULL: it is not, or it was before there was this column.
ALTER TABLE nightbell.window_spans ADD COLUMN held bigint;
