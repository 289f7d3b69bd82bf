select 1;
\! touch owned
