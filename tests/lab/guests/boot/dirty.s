# Boot sector: dirties every page between 16 MiB and 144 MiB, forever (the guest needs 160 MiB of memory).
.code16
.globl _start
_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw $0x2401, %ax       # BIOS: open the A20 gate
    int $0x15
    lgdt 0x7c00 + table - _start
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    movw $8, %bx
    movw %bx, %es           # a 4 GiB segment stays in ES when protected mode is left ("unreal mode")
    andb $0xfe, %al
    movl %eax, %cr0
again:
    movl $0x1000000, %edi
page:
    incl %es:(%edi)
    addl $4096, %edi
    cmpl $0x9000000, %edi
    jb page
    jmp again
table:
    .word 15
    .long 0x7c00 + descriptors - _start
descriptors:
    .quad 0
    .word 0xffff, 0
    .byte 0, 0x92, 0xcf, 0
.org 510
    .word 0xaa55
