# The network, over `n_days`: day, stations that reported, median, 90th percentile.
set yrange [0:*]
if (n_days < 60) { set format x "%d %b\n%Y" } else { set format x "%b\n%Y" }
plot data using 1:2 with filledcurves x1 lc rgb "#bfdbfe" title "stations that reported", \
     data using 1:4 with lines lw 1.3 lc rgb "#b45309" title "90th percentile", \
     data using 1:3 with lines lw 1.6 lc rgb "#2563eb" title "median"
