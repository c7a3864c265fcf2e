# One station, over `n_days`: day, observed, predicted, lower, upper.
set yrange [0:*]
if (n_days < 60) { set format x "%d %b\n%Y" } else { set format x "%b\n%Y" }
plot data using 1:4:5 with filledcurves lc rgb "#bfdbfe" title band, \
     data using 1:3 with lines lw 1.6 lc rgb "#2563eb" title "predicted", \
     data using 1:2 with lines lw 1.3 lc rgb "#0f172a" title "observed"
