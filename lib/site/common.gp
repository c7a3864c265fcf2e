# What all charts share. Colours are changed for the dark in www/chart.css, which names them.
set terminal svg size 860,300 dynamic font "sans-serif,12" name "chart"
set encoding utf8
set xdata time
set timefmt "%Y-%m-%d"
set format x "%b\n%Y"
set style fill solid 1 noborder
set grid ytics lt 1 lc rgb "#e2e8f0" lw 1
set border 1 lc rgb "#64748b"
set xtics nomirror textcolor rgb "#64748b"
set ytics nomirror textcolor rgb "#64748b" scale 0
set key above left horizontal reverse Left samplen 2 textcolor rgb "#64748b"
set lmargin 7
set rmargin 2
set autoscale xfix
