# Boot sector: writes KVMOPS-HELLO to the first serial port, then halts.
.code16
.globl _start
_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw $(0x7c00 + message - _start), %si
next:
    lodsb
    testb %al, %al
    jz halt
    movb %al, %bl
wait:
    movw $0x3fd, %dx        # line status: bit 5 says that the port takes a byte
    inb %dx, %al
    testb $0x20, %al
    jz wait
    movw $0x3f8, %dx
    movb %bl, %al
    outb %al, %dx
    jmp next
halt:
    hlt
    jmp halt
message:
    .asciz "KVMOPS-HELLO\r\n"
.org 510
    .word 0xaa55
