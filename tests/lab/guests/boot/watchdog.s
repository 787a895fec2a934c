# Boot sector: arms an ib700 watchdog card and never feeds it; the card fires some 2 s later.
.code16
.globl _start
_start:
    cli
    movw $0x443, %dx        # ib700: a write to this port arms the timer
    movb $0x0e, %al         # 15 is 0 s, 14 is 2 s, ... 0 is 30 s
    outb %al, %dx
halt:
    hlt
    jmp halt
.org 510
    .word 0xaa55
